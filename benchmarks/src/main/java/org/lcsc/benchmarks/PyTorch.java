package org.lcsc.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.lcsc.io.Refuse;

/**
 * A PyTorch side of the benchmark, a process that answers by line: {@code pytorch_unet.py}, or
 * {@code LibtorchUNet.java}.
 */
final class PyTorch implements AutoCloseable {

  private static final String KEEP_MEMORY =
      "glibc.malloc.trim_threshold=2000000000:glibc.malloc.mmap_threshold=2000000000";

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

  /** Starts the first of the given commands that has PyTorch; empty where none has. */
  static Optional<PyTorch> start(List<List<String>> commands) {
    for (List<String> command : commands) {
      try {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        // It is ours to choose for our side alone.
        builder.environment().remove("GOMP_SPINCOUNT");
        // Else glibc returns the memory of every step, and a third of the next is page faults.
        builder.environment().put("GLIBC_TUNABLES", KEEP_MEMORY);
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        // libtorch's OpenBLAS has threads of its own, which wait by spinning where OpenMP's work.
        builder.environment().put("OPENBLAS_NUM_THREADS", "1");
        return Optional.of(new PyTorch(builder.start()));
      } catch (IOException absent) {
        // The next one.
      }
    }
    return Optional.empty();
  }

  /** Name and version. */
  String version() {
    return version;
  }

  /** Sends a request and returns its answer. */
  double ask(String request) throws IOException {
    requests.write(request);
    requests.newLine();
    requests.flush();
    String answer = answers.readLine();
    Refuse.file(answer == null, "%s ended on the request: %s", version, request);
    return Double.parseDouble(answer);
  }

  @Override
  public void close() throws IOException {
    requests.close();
    process.destroy();
  }
}
