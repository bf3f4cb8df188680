"""What a number hangs on."""
