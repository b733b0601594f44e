package org.lcsc.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The PyTorch side of the benchmark: {@code pytorch_unet.py} as a process that answers by line. */
final class PyTorch implements AutoCloseable {

  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader answers;
  private final String version;

  private PyTorch(Process process) throws IOException {
    this.process = process;
    requests = process.outputWriter(StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
    version = answers.readLine();
    if (version == null) {
      process.destroy();
      throw new IOException("no PyTorch");
    }
  }

  /** Starts the first of the given Pythons that has PyTorch; empty where none has. */
  static Optional<PyTorch> start(Path script, List<String> pythons) {
    for (String python : pythons) {
      try {
        ProcessBuilder builder = new ProcessBuilder(python, script.toString());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        // It is ours to choose for our side alone.
        builder.environment().remove("GOMP_SPINCOUNT");
        return Optional.of(new PyTorch(builder.start()));
      } catch (IOException absent) {
        // The next one.
      }
    }
    return Optional.empty();
  }

  /** "torch" and its version. */
  String version() {
    return version;
  }

  /** Sends a request and returns its answer. */
  double ask(String request) throws IOException {
    requests.write(request);
    requests.newLine();
    requests.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("PyTorch ended on the request: " + request);
    }
    return Double.parseDouble(answer);
  }

  @Override
  public void close() throws IOException {
    requests.close();
    process.destroy();
  }
}
