"""Grade on a Slurm cluster: each job is a dask worker, the notebooks come from here.

python deploy/slurm/grade.py [--jobs 4] [--queue NAME] … [what `course grade` takes]

Runs where jobs may be submitted (a login node, or a job of its own), in the course's folder, which
all nodes see under the same path; README.md beside this file says more.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from dask_jobqueue import SLURMCluster
from distributed import Security

from autograder.course import load_course
from autograder.scratch import scratch, secret_scratch

COURSE = "from autograder.cli import main; main()"
ROLES = ("client", "scheduler", "worker")


def main() -> int:
    """Start the jobs, grade, end the jobs.

    Returns:
        The exit code of `course grade`.
    """
    options, of_course = read_options()
    course = load_course()
    with scratch("farm", secret_scratch(course.private)) as folder:
        certificate, key = make_certificate(folder)
        pair = {f"tls_{role}_cert": str(certificate) for role in ROLES}
        pair |= {f"tls_{role}_key": str(key) for role in ROLES}
        cluster = SLURMCluster(
            queue=options.queue,
            account=options.account,
            walltime=options.walltime,
            cores=options.cores,
            processes=options.cores,  # one notebook at a time in each, beside its warm processes
            memory=options.memory,
            python=sys.executable,
            local_directory=tempfile.gettempdir(),
            log_directory=str(folder),
            security=Security(tls_ca_file=str(certificate), require_encryption=True, **pair),
            protocol="tls://",
            interface=options.interface,
            scheduler_options={"dashboard_address": "127.0.0.1:8787"},
            worker_extra_args=["--no-dashboard"],
            job_script_prologue=["export OMP_NUM_THREADS=1"],
        )
        with cluster:
            cluster.adapt(minimum_jobs=0, maximum_jobs=options.jobs, wait_count=30)
            print(f"scheduler {cluster.scheduler_address}, up to {options.jobs} jobs", flush=True)
            return grade([*of_course, "--scheduler", cluster.scheduler_address], certificate, key)


def read_options() -> tuple[argparse.Namespace, list[str]]:
    """Read the command line.

    Returns:
        The cluster's options, and what is left for `course grade`.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--jobs", type=int, default=4, help="jobs at once, at most")
    parser.add_argument("--cores", type=int, default=2, help="of a job; as many workers")
    parser.add_argument("--memory", default="8GB", help="of a job")
    parser.add_argument("--walltime", default="02:00:00", help="of a job")
    parser.add_argument("--queue", help="Slurm's partition; unless given its default")
    parser.add_argument("--account", help="whose share is used")
    parser.add_argument("--interface", help="network interface that nodes reach, such as ib0")
    return parser.parse_known_args()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a key for this run: who does not have it can neither send work nor read it.

    Args:
        folder: a folder for this user alone, which all nodes see.

    Returns:
        The certificate and the key.
    """
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=course", "-days", "30"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


def grade(arguments: list[str], certificate: Path, key: Path) -> int:
    """Run `course grade` against the scheduler; Ctrl-C reaches it, and is waited for.

    Args:
        arguments: of the command.
        certificate: of this run.
        key: of this run.

    Returns:
        Its exit code.
    """
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    known = {"CA_FILE": certificate, "CLIENT__CERT": certificate, "CLIENT__KEY": key}
    environment = {**os.environ, **{prefix + name: str(path) for name, path in known.items()}}
    environment["DASK_DISTRIBUTED__DASHBOARD__LINK"] = "http://127.0.0.1:{port}/status"
    process = subprocess.Popen([sys.executable, "-c", COURSE, "grade", *arguments], env=environment)
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()


if __name__ == "__main__":
    sys.exit(main())
