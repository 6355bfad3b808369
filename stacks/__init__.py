"""What exists in the cloud: ordinary Pulumi programs."""
