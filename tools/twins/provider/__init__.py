"""A provider of models on the loopback: OpenAI's and Anthropic's APIs, with a ledger of every charge.

Covered: chats and messages, models, files, batches, fine-tuning jobs with events and checkpoints; faults
by script; rate limits, quotas and keys. Not covered: streaming, tools, images, organisations, webhooks.
It answers with made-up text that fits the schema it is asked for, and says so in its models' names only.
"""
