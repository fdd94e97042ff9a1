#!/bin/bash
# Plays a plan as a Slurm array: sbatch --array=0-7 config/deploy/lab/slurm.sh out/sweep/plan.json 8
# Not run here. Slurm sets SLURM_ARRAY_TASK_ID, from which the lab knows its part.
#SBATCH --job-name=abot-lab
#SBATCH --cpus-per-task=1
#SBATCH --mem=512M
set -eu
exec deno task lab shard --plan "$1" --count "$2" --jobs 1
