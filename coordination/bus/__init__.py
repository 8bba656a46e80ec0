"""The bus: A2A 1.0 messages between roles, and later between crews, that outlive any process.

`ingress` receives, `outbox` sends, `a2a` speaks the protocol, `server` mounts it on HTTP.
"""
