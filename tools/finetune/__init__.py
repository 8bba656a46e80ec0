"""Fine-tuning: a LoRA adapter on a causal language model, by TRL and PEFT, in a process of its own.

    tool.py       what the crew calls: preflight, job, artifacts        (never imports torch)
    worker.py     what the job runs: `python -m crewboard.tools.finetune.worker PLAN.json`
    plan.py       every setting of a run, in one file that can be read
    rows.py       chat rows to tokens and labels, every row accounted for
    base.py       the model to start from, and what identifies it
    tiny.py       the embedded base: small, random, made on the spot
    training.py   TRL's trainer, with checkpoints that are sealed
    seal.py       folders that are there whole, and prove it

The worker needs no more of crewboard than these files, `tools.jobs` and the ground, and no package
beyond the train extra: it runs on a GPU box that has never seen a crew.
"""
