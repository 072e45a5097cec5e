"""Each corruption does what it says, to every picture in its own way, and more with severity."""

from itertools import pairwise

import pytest
import torch

from helpers.challenge.corruptions import SEVERITIES, STRENGTHS, corrupt
from helpers.challenge.real import real_sources


@pytest.fixture(scope="module")
def shirts() -> torch.Tensor:
    return torch.from_numpy(real_sources("fashion-mnist")["test"].pictures(0, 200)[0])


def distance(images: torch.Tensor, others: torch.Tensor) -> float:
    return float((images.float() - others.float()).square().mean().sqrt())


@pytest.mark.parametrize("kind", STRENGTHS)
def test_worse_with_severity(shirts: torch.Tensor, kind: str) -> None:
    before = shirts.clone()
    far = [
        distance(shirts, corrupt(shirts, kind, severity, seed=1)) for severity in (0, *SEVERITIES)
    ]
    assert far[0] == 0
    assert all(less < more for less, more in pairwise(far)), far
    assert torch.equal(shirts, before)


@pytest.mark.parametrize("kind", STRENGTHS)
def test_the_seed_decides_and_each_picture_has_its_own_draw(kind: str) -> None:
    one = torch.randint(0, 256, (1, 3, 20, 20), dtype=torch.uint8)
    images = one.repeat(6, 1, 1, 1)
    worse = corrupt(images, kind, 3, seed=5)
    assert worse.dtype == torch.uint8
    assert worse.shape == images.shape
    assert torch.equal(worse, corrupt(images, kind, 3, seed=5))
    assert not torch.equal(worse, corrupt(images, kind, 3, seed=6))
    assert len({image.numpy().tobytes() for image in worse}) == 6


def test_noise_has_its_strength() -> None:
    grey = torch.full((20, 1, 32, 32), 128, dtype=torch.uint8)
    for severity in (1, 2, 3):
        noise = corrupt(grey, "noise", severity, seed=0).float() - 128
        assert float(noise.std() / 255) == pytest.approx(STRENGTHS["noise"][severity - 1], rel=0.05)
        assert abs(float(noise.mean())) < 1


@pytest.mark.parametrize("severity", SEVERITIES)
def test_blur_keeps_the_mean_and_spreads_a_point(severity: int) -> None:
    point = torch.zeros(8, 2, 41, 41, dtype=torch.uint8)
    point[:, 1, 20, 20] = 255
    flat = torch.full((8, 2, 41, 41), 93, dtype=torch.uint8)
    assert torch.equal(corrupt(flat, "blur", severity, seed=0), flat)
    spread = corrupt(point, "blur", severity, seed=0)
    assert (spread[:, 0] == 0).all()  # no channel reaches another
    assert torch.equal(spread, spread.transpose(2, 3))
    assert torch.equal(spread, spread.flip(2))
    assert (spread[:, 1].amax((1, 2)) == spread[:, 1, 20, 20]).all()
    assert int(spread[:, 1, 20, 20].max()) < 255


@pytest.mark.parametrize("severity", SEVERITIES)
def test_occlusion_hides_a_square_within_the_picture(severity: int) -> None:
    images = torch.zeros(300, 3, 20, 20, dtype=torch.uint8)
    hidden = corrupt(images, "occlusion", severity, seed=3)
    side = round(STRENGTHS["occlusion"][severity - 1] * 20)
    lit = hidden[hidden.amax((1, 2, 3)) > 0]
    assert ((lit > 0).sum((2, 3)) == side * side).all()
    assert len(lit) > 290  # a shade of nearly 0 is possible
    assert len(lit.amax((1, 2, 3)).unique()) > 100


def test_rotation_turns_both_ways_and_by_no_more_than_it_says() -> None:
    bar = torch.zeros(200, 1, 65, 65, dtype=torch.uint8)
    bar[:, :, :32, 32] = 255  # from the middle upwards
    for severity in SEVERITIES:
        turned = corrupt(bar, "rotation", severity, seed=2)[:, 0].float()
        place = torch.arange(65) - 32.0
        weight = turned.sum((1, 2))
        x = (turned * place).sum((1, 2)) / weight
        y = (turned * place[:, None]).sum((1, 2)) / weight
        angle = torch.rad2deg(torch.atan2(x, -y))
        most = STRENGTHS["rotation"][severity - 1]
        assert most / 2 - 1 < float(angle.abs().min())
        assert float(angle.abs().max()) < most + 1
        assert 60 < int((angle > 0).sum()) < 140


def test_wrong_arguments_are_named() -> None:
    images = torch.zeros(2, 1, 8, 8, dtype=torch.uint8)
    with pytest.raises(ValueError, match="there are noise, blur, occlusion, rotation"):
        corrupt(images, "fog", 1, seed=0)
    with pytest.raises(ValueError, match="from 0 to 5, not 6"):
        corrupt(images, "noise", 6, seed=0)
    with pytest.raises(ValueError, match=r"not \(2, 1, 8, 8\) float32"):
        corrupt(images.float(), "noise", 1, seed=0)
    with pytest.raises(ValueError, match="uint8"):
        corrupt(images[..., :4], "noise", 1, seed=0)


def test_small_pictures_and_large_blur() -> None:
    tiny = torch.randint(0, 256, (3, 1, 4, 4), dtype=torch.uint8)
    for kind in STRENGTHS:
        assert corrupt(tiny, kind, 5, seed=0).shape == tiny.shape
    assert corrupt(tiny[:0], "noise", 5, seed=0).shape == (0, 1, 4, 4)
