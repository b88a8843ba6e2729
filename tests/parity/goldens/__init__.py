"""Golden files for tests/parity: what TRL 1.16, PEFT 0.21 and transformers 5.24 do on small inputs."""
