"""Files of samples, each form in a module of its own: lines in, samples and faults out."""
