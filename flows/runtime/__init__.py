"""What every run needs: settings, errors, progress, journal, artifacts, content hashes."""
