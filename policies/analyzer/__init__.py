"""The controls as an analyzer of Pulumi: its engine hands over resources, we answer with judgements. See docs/decisions/0010.

`subjects` turns what the engine sends into subjects, `settings` what the pack's settings say into levels, `judge` judges, `messages`
writes the answers, `service` speaks the protocol and `serve` is the process. Only `service` and `serve` know gRPC.
"""
