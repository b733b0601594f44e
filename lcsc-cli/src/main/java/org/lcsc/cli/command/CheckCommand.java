package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lcsc.cli.output.ExitCode;
import org.lcsc.cli.output.Failures;
import org.lcsc.cli.sweep.Study;
import org.lcsc.cli.sweep.StudyConfigurations;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.OwnSearch;
import org.lcsc.experiment.TrainingRun;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.config.RunConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Validates configuration files and prints what they resolve to. */
@Command(
    name = "check",
    description = {
      "Validate configuration files.",
      "Prints each file, a run's, a search's or a study's, with all its defaults filled in; warnings",
      "go to standard error."
    })
final class CheckCommand extends TextCommand {

  @Parameters(arity = "1..*", paramLabel = "CONFIG", description = "YAML files to validate.")
  private List<Path> configs;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing but mistakes and warnings.")
  private boolean quiet;

  @Mixin private Assignments assignments;
  @Mixin private JsonOption json;

  @Override
  int run() throws IOException {
    int code = ExitCode.OK;
    for (Path file : configs) {
      try {
        Record config = resolved(file);
        if (!quiet && json.wanted()) {
          out().print(JsonOption.of(YamlConfig.toTree(config)));
        } else if (!quiet) {
          // Several files become one stream of YAML documents.
          out()
              .print(
                  (configs.size() > 1 ? "--- # " + file + "\n" : "") + YamlConfig.toYaml(config));
        }
      } catch (IOException | InvalidInputException e) {
        err().println("lcsc: " + Failures.line(e));
        code = ExitCode.BAD_INPUT;
      }
    }
    return code;
  }

  private Record resolved(Path file) throws IOException {
    if (Study.isOne(file)) {
      return study(file);
    }
    return OwnSearch.isConfiguredBy(file) ? ownSearch(file) : run(file);
  }

  private Study study(Path file) throws IOException {
    Study study = Overrides.read(file, assignments.list(), Study.class);
    new StudyConfigurations(study).check();
    String kept = study.checkpoints();
    if (kept != null && !Files.exists(Path.of(kept))) {
      err().println("lcsc: " + file + ": warning: checkpoints: no such directory (" + kept + ")");
    }
    return study;
  }

  private OwnSearchConfig ownSearch(Path file) throws IOException {
    OwnSearchConfig config = Overrides.read(file, assignments.list(), OwnSearchConfig.class);
    OwnSearch.check(file, config);
    return config;
  }

  /** Refuses what a run would refuse before it reads an image; the configuration as resolved. */
  private RunConfig run(Path file) throws IOException {
    RunConfig config = Overrides.read(file, assignments.list());
    RunConfig resolved = TrainingRun.check(file, config);
    config.warnings().forEach(w -> err().println("lcsc: " + file + ": warning: " + w));
    config.missingFiles().forEach(w -> err().println("lcsc: " + file + ": warning: " + w));
    return resolved;
  }
}
