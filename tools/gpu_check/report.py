"""The table and the JSON file, and running programs."""
import subprocess
import time

# All that is good or known; any other result makes the whole check fail. "not built": RLX has no kernel for it yet.
FINE = ("passed", "not built", "absent")


class Report:
    """The rows of the table, as they come."""

    def __init__(self):
        self.rows = []

    def add(self, name, result, detail, seconds=0.0, **figures):
        """result: one of FINE, FAILED, or MISSING for what did not run. figures: numbers for the JSON file."""
        self.rows.append({"check": name, "result": result, "detail": detail, "seconds": round(seconds, 1), **figures})
        print(f"{name:28} {result:9} {seconds:7.1f} s  {detail}", flush=True)

    def ok(self):
        return any(row["result"] == "passed" for row in self.rows) and all(row["result"] in FINE for row in self.rows)

    def closing(self):
        bad = [row["check"] for row in self.rows if row["result"] not in FINE]
        text = f"FAILED OR DID NOT RUN: {', '.join(bad)}" if bad or not self.ok() else "everything that is built ran and passed"
        for result in FINE[1:]:
            names = [row["check"] for row in self.rows if row["result"] == result]
            if names:
                text += f"; {result}: {', '.join(names)}"
        return text


def run(command, env, limit_s=None):
    """Exit code (124 when it took longer than the limit), standard output and error, and seconds."""
    begin = time.monotonic()
    try:
        done = subprocess.run(list(map(str, command)), env=env, capture_output=True, text=True, errors="replace",
                              check=False, timeout=limit_s)
        code, output, errors = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as late:
        partly = [text.decode(errors="replace") if isinstance(text, bytes) else text or ""
                  for text in (late.stdout, late.stderr)]
        code, output, errors = 124, partly[0], f"{partly[1]}\ntook longer than {limit_s} s"
    except OSError as error:
        code, output, errors = 127, "", str(error)
    return code, output, errors, time.monotonic() - begin


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no output"
