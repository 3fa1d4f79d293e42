"""The parts of tools/gpu-check: what runs, what is measured, and what goes to another machine."""
