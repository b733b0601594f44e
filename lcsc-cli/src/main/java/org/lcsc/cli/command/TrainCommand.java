package org.lcsc.cli.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.cli.report.LiveReport;
import org.lcsc.diffusion.model.EdmModel;
import org.lcsc.experiment.CommandFailure;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.ModelFile;
import org.lcsc.experiment.TrainingRun;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a model and searches its checkpoints on the way. */
@Command(
    name = "train",
    description = {
      "Train a model and search its checkpoints (LCSC) on the way.",
      "Ctrl-C and kill leave a run that --resume goes on with.",
      "Ends with a table of last weights, EMAs, EMA*, uniform average and LCSC on fresh noise."
    })
final class TrainCommand extends TextCommand {

  @Mixin private RunOptions options;

  @Option(
      names = "--keep-checkpoints",
      description =
          "Write the last window's checkpoints to checkpoints/ of the run, for 'lcsc search' and"
              + " 'lcsc sweep'.")
  private boolean keepCheckpoints;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = out();
    PrintWriter err = err();
    Path resumed = options.resumed(false);
    if (resumed == null) {
      train(options.file(), options.read(), options.overwrite(), out, err);
      return 0;
    }
    try (RunDirectory run = RunDirectory.resume(resumed, 0)) {
      RunConfig config = run.readConfig();
      Experiment experiment = Experiment.loadFor(run.config(), config);
      ComputationGraph network = experiment.newNetwork();
      ComputationGraph teacher = experiment.teacher();
      if (!Files.exists(run.trainingState())) {
        // Killed before its first update.
        experiment.start(network, teacher);
      }
      new TrainingRun(experiment, run, out, err)
          .page(LiveReport::start)
          .keepCheckpoints(keepCheckpoints)
          .run(network, teacher);
    }
    return 0;
  }

  private void train(Path file, RunConfig read, boolean overwrite, PrintWriter out, PrintWriter err)
      throws IOException {
    RunConfig config = ModelFile.continuing(read);
    config.warnings().forEach(w -> err.println("lcsc: " + file + ": warning: " + w));
    Experiment experiment = Experiment.loadFor(file, config);
    trainTeacher(file, config, out, err);
    ComputationGraph network = experiment.newNetwork();
    ComputationGraph teacher = experiment.teacher();
    experiment.start(network, teacher);
    try (RunDirectory run =
        RunDirectory.create(
            config.outputDirectory(),
            config,
            overwrite,
            TrainingRun.bytes(config, network.numParams())
                + (keepCheckpoints ? TrainingRun.windowBytes(config, network.numParams()) : 0))) {
      new TrainingRun(experiment, run, out, err)
          .page(LiveReport::start)
          .keepCheckpoints(keepCheckpoints)
          .run(network, teacher);
    }
  }

  /** Runs the training that makes the teacher, where its file is missing and that is known. */
  private void trainTeacher(Path file, RunConfig config, PrintWriter out, PrintWriter err)
      throws IOException {
    String teacher = config.model().teacher();
    String teacherConfig = config.model().teacherConfig();
    if (teacher == null || teacherConfig == null || Files.exists(Path.of(teacher))) {
      return;
    }
    Path other = Path.of(teacherConfig);
    RunConfig of = RunConfig.read(other);
    if (!(of.model() instanceof EdmModel)) {
      throw CommandFailure.badInput(
          file
              + ": model.teacherConfig: "
              + other
              + " trains no teacher (model.kind: "
              + of.model().kind()
              + "), allowed: a configuration of model.kind: edm");
    }
    out.println("teacher: " + teacher + " is missing, training " + other);
    out.flush();
    train(other, of, false, out, err);
    if (!Files.exists(Path.of(teacher))) {
      throw CommandFailure.badInput(
          file + ": model.teacher: " + other + " did not make " + teacher);
    }
  }
}
