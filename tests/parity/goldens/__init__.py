"""Golden files for tests/parity: what TRL 1.13, PEFT 0.21 and transformers 5 do on small inputs."""
