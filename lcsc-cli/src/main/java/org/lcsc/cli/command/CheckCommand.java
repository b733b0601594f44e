package org.lcsc.cli.command;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.lcsc.cli.output.ExitCode;
import org.lcsc.cli.output.Failures;
import org.lcsc.config.ConfigException;
import org.lcsc.experiment.config.RunConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Validates configuration files and prints what they resolve to.
 *
 * <p>Not thread-safe.
 */
@Command(
    name = "check",
    description = {
      "Validate configuration files.",
      "Prints each file with all its defaults filled in; warnings go to standard error."
    })
public final class CheckCommand implements Callable<Integer> {

  @Parameters(arity = "1..*", paramLabel = "CONFIG", description = "YAML files to validate.")
  private List<Path> configs;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing but mistakes and warnings.")
  private boolean quiet;

  @Spec private CommandSpec spec;

  /** Created by the command line. */
  public CheckCommand() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    int code = ExitCode.OK;
    for (Path file : configs) {
      try {
        RunConfig config = RunConfig.read(file);
        config.warnings().forEach(w -> err.println("lcsc: " + file + ": warning: " + w));
        if (!quiet) {
          // Several files become one stream of YAML documents.
          out.print((configs.size() > 1 ? "--- # " + file + "\n" : "") + config.toYaml());
        }
      } catch (ConfigException e) {
        err.println("lcsc: " + Failures.line(e));
        code = ExitCode.BAD_INPUT;
      }
    }
    out.flush();
    err.flush();
    return code;
  }
}
