"""The table `[challenge]` of `course.toml`: what is asked for, what a model may use, the marks."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(gt=0)]
Percent = Annotated[float, Field(gt=0, le=100)]
Mark = Literal["excellent", "good", "pass", "not passed"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Thresholds(_Model):
    """Accuracy in percent, on the private half, from which a mark is given.

    Attributes:
        passing: written `pass`.
        good: as written.
        excellent: as written.
    """

    passing: Annotated[Percent, Field(alias="pass")] = 90
    good: Percent = 97
    excellent: Percent = 98.5

    def mark(self, accuracy: float) -> Mark:
        """Give the mark of an accuracy.

        Args:
            accuracy: from 0 to 1.

        Returns:
            The best mark whose threshold it reaches.
        """
        # shares of a few thousand pictures: 0.6 must not be lost to its last binary digit
        percent = 100 * accuracy + 1e-9
        if percent >= self.excellent:
            return "excellent"
        if percent >= self.good:
            return "good"
        return "pass" if percent >= self.passing else "not passed"


class ChallengeSettings(_Model):
    """The challenge of a course.

    Attributes:
        folder: what students hand in lies in `submitted/STUDENT/FOLDER`.
        classes: how many, the first ones of the flora.
        size: side of a picture in pixels.
        pictures_seen: budget of training: how many pictures a run may look at, repeats counted.
        public_per_class: hidden pictures of each class in the public half.
        private_per_class: the same in the private half, which decides the mark.
        ladder_step: by how much (in percent) a submission must beat the student's best one
            before the board's public score moves.
        model_mb: size of a submitted file in MiB.
        memory_mb: private memory of a model's run in MiB.
        processor_seconds: processor time of a model's run over the whole hidden set.
        seconds: wall-clock time of the same.
        thresholds: the marks.
    """

    folder: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = "challenge"
    classes: Annotated[int, Field(ge=2, le=1000)] = 20
    size: Annotated[int, Field(ge=8, le=512)] = 64
    pictures_seen: Count = 300_000
    public_per_class: Count = 100
    private_per_class: Count = 100
    ladder_step: Annotated[float, Field(gt=0, lt=50)] = 1.0
    model_mb: Annotated[int, Field(gt=0, le=1024)] = 50
    memory_mb: Annotated[int, Field(ge=256)] = 2048
    processor_seconds: Count = 300
    seconds: Count = 600
    thresholds: Thresholds = Thresholds()
