#!/bin/bash
# Train for the challenge on one node of a Slurm cluster, all of its GPUs; challenge.md beside this
# file says more. Submit from the folder that holds challenge.ipynb and helpers/:
#
#     sbatch challenge.sh --data flora/large --out runs/large --pictures 50000000 --batch 2048
#
# Everything after the script's name goes to `helpers.challenge.train`.
#SBATCH --job-name=challenge
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=32
#SBATCH --time=01:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=challenge-%j.log

set -u
python="${PYTHON:-.venv/bin/python}"
processes="${GPUS:-${SLURM_GPUS_ON_NODE:-1}}"
export OMP_NUM_THREADS=$((${SLURM_CPUS_PER_TASK:-$processes} / processes))

out=""
words=("$@")
for number in "${!words[@]}"; do
    [[ "${words[$number]}" == --out ]] && out="${words[$((number + 1))]:-}"
    [[ "${words[$number]}" == --out=* ]] && out="${words[$number]#--out=}"
done
[[ -n "$out" ]] || { echo "say with --out where the run is to lie" >&2; exit 2; }
resume=()
[[ -f "$out/checkpoint.pt" ]] && resume=(--resume)

"$python" -m torch.distributed.run --standalone --nproc-per-node "$processes" \
    -m helpers.challenge.train "$@" "${resume[@]}" &
run=$!

# Two minutes before its time is up Slurm sends USR1 here. torchrun hands SIGTERM on to the training
# processes, which finish their step and write a checkpoint; then the job is queued again.
asked=""
trap 'asked=yes; kill -TERM "$run"' USR1
wait "$run"
code=$?
while kill -0 "$run" 2>/dev/null; do
    wait "$run"
    code=$?
done
if [[ -n "$asked" ]]; then
    echo "stopped for want of time; queued again to go on"
    scontrol requeue "$SLURM_JOB_ID"
    exit 0
fi
exit "$code"
