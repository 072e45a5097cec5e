"""What is read ahead is what would be read: every picture, once, in the same order."""

import multiprocessing
import os
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers.challenge.answers import read_answers
from helpers.challenge.errors import ChallengeError
from helpers.challenge.feeding import Pictures
from helpers.challenge.prefetching import ReadAhead, on_device, resident_batches
from helpers.challenge.run_log import read_log
from helpers.challenge.training import Recipe, Run

NOTEBOOK = Path(__file__).resolve().parents[2] / "solutions/challenge/challenge.ipynb"
LENGTHS = 11, 7, 13
BATCH = 4
CPU = torch.device("cpu")
DEVICES = [
    CPU,
    pytest.param(
        torch.device("cuda"),
        marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"),
    ),
]


@pytest.fixture(scope="module")
def answers():
    return read_answers(NOTEBOOK)


@pytest.fixture(scope="module")
def shards():
    """Pictures 0 to 30, each filled with its number, which is its label, too."""
    numbers = np.split(np.arange(sum(LENGTHS)), np.cumsum(LENGTHS)[:-1])
    return [(np.tile(n.astype(np.uint8)[:, None, None, None], (1, 3, 16, 16)), n) for n in numbers]


@pytest.fixture(scope="module")
def reader(answers, shards):
    def read(epoch, worker, workers):
        part = answers.ShardedImages(shards, BATCH, worker=worker, workers=workers, seed=5)
        part.set_epoch(epoch)
        return part

    return read


def labels_of(batches) -> list[list[int]]:
    found = []
    for images, labels in batches:
        assert (images[:, 0, 0, 0] == labels).all(), "each picture has its own label"
        found.append(labels.tolist())
    return found


@pytest.mark.parametrize("epoch", [0, 3])
def test_none_and_one_worker_read_what_the_reader_reads(reader, epoch):
    expected = labels_of(reader(epoch, 0, 1))
    assert labels_of(ReadAhead(reader).epoch(epoch)) == expected
    assert labels_of(ReadAhead(reader, workers=1).epoch(epoch)) == expected


def test_several_workers_read_each_picture_once_an_epoch_in_an_order_of_their_own(reader):
    reading = ReadAhead(reader, workers=2)
    epochs = [labels_of(reading.epoch(number)) for number in (0, 1, 0)]
    for epoch in epochs:
        assert sorted(chain(*epoch)) == list(range(sum(LENGTHS)))
    assert epochs[0] == epochs[2] != epochs[1]
    parts = [labels_of(reader(0, worker, 2)) for worker in range(2)]
    assert epochs[0][:2] == [part[0] for part in parts], "a batch of each in turn"


def test_an_epoch_that_was_left_does_not_disturb_the_next(reader):
    reading = ReadAhead(reader, workers=2)
    assert len(labels_of(islice(reading.epoch(0), 2))) == 2
    assert labels_of(reading.epoch(1)) == labels_of(ReadAhead(reader, workers=2).epoch(1))


def test_endless_goes_on_with_the_next_epoch(reader):
    count = len(labels_of(reader(0, 0, 1)))
    found = labels_of(islice(ReadAhead(reader).endless(2), count + 3))
    assert found == labels_of(reader(2, 0, 1)) + labels_of(reader(3, 0, 1))[:3]


def test_reading_ahead_leaves_the_common_random_numbers_alone(reader):
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    labels_of(ReadAhead(reader, workers=1).epoch(0))
    assert torch.equal(torch.rand(3), expected)


def test_workers_end_with_the_reading(reader):
    reading = ReadAhead(reader, workers=2)
    labels_of(islice(reading.epoch(0), 1))
    assert len(multiprocessing.active_children()) == 2
    del reading
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("ahead", [0, 1, 2, 50])
def test_no_batch_is_lost_or_moved_on_the_way_to_the_device(reader, device, ahead):
    batches = list(reader(0, 0, 1))
    moved = []
    for images, labels in on_device(batches, device, ahead=ahead):
        assert images.device.type == labels.device.type == device.type
        moved.append((images.clone(), labels.clone()))
        images.zero_()  # what a step does with a batch must not reach another one
    expected = labels_of(reader(0, 0, 1))
    assert labels_of((images.cpu(), labels.cpu()) for images, labels in moved) == expected


def test_a_batch_is_sent_before_the_one_before_it_is_worked_on():
    sent = []

    def source():
        for number in range(4):
            sent.append(number)
            yield torch.full((1,), number), torch.tensor([number])

    seen = [(int(labels), len(sent)) for _, labels in on_device(source(), CPU)]
    assert seen == [(0, 2), (1, 3), (2, 4), (3, 4)]
    assert list(on_device([], CPU)) == []


@pytest.mark.parametrize("device", DEVICES)
def test_a_resident_set_gives_whole_batches_in_a_new_order_each_epoch(shards, device):
    images = torch.from_numpy(np.concatenate([images for images, _ in shards])).to(device)
    labels = torch.from_numpy(np.concatenate([labels for _, labels in shards])).to(device)
    first, again, second = (
        labels_of(resident_batches(images, labels, BATCH, seed=1, epoch=epoch))
        for epoch in (0, 0, 1)
    )
    assert first == again != second
    assert [len(batch) for batch in first] == [BATCH] * (len(labels) // BATCH)
    seen = list(chain(*first))
    assert len(set(seen)) == len(seen)


@pytest.fixture
def pictures(shards):
    small = [(images, labels % 4) for images, labels in shards]
    images = torch.from_numpy(shards[0][0])
    return Pictures(lambda epoch: small, images, torch.from_numpy(shards[0][1] % 4), 4)


def losses(folder: Path) -> list[str]:
    return [row["loss"] for row in read_log(folder / "log.csv")]


def test_a_run_with_one_reading_process_is_the_run_with_none(answers, pictures, tmp_path):
    for workers in (0, 1):
        recipe = Recipe(pictures=80, batch=BATCH, workers=workers)
        assert Run(answers, recipe, pictures, tmp_path / str(workers)).train()
    assert len(losses(tmp_path / "0")) == 20
    assert losses(tmp_path / "0") == losses(tmp_path / "1")


def test_a_run_with_reading_processes_goes_on_as_if_it_had_never_stopped(
    answers, pictures, tmp_path
):
    recipe = Recipe(pictures=80, batch=BATCH, workers=2)
    assert Run(answers, recipe, pictures, tmp_path / "whole").train()
    assert not Run(answers, recipe, pictures, tmp_path / "parts").train(stop_at=13)
    assert Run(answers, recipe, pictures, tmp_path / "parts", resume=True).train()
    assert losses(tmp_path / "parts") == losses(tmp_path / "whole")


def test_a_run_draws_no_pictures_that_its_budget_does_not_reach(answers, pictures, tmp_path):
    asked = []

    def train(epoch):
        asked.append(epoch)
        return pictures.train(epoch)

    counted = Pictures(train, pictures.test_images, pictures.test_labels, 4)
    steps = -(-sum(LENGTHS) // BATCH)  # of one epoch
    assert Run(answers, Recipe(pictures=BATCH * steps, batch=BATCH), counted, tmp_path).train()
    assert set(asked) == {0}


def test_reading_processes_where_there_can_be_none(answers, pictures, tmp_path, monkeypatch):
    with pytest.raises(ChallengeError, match="cannot be started"):
        Run(answers, Recipe(workers=-1), pictures, tmp_path)
    monkeypatch.delattr(os, "fork")
    with pytest.raises(ChallengeError, match="Leave out --workers"):
        Run(answers, Recipe(workers=2), pictures, tmp_path)
