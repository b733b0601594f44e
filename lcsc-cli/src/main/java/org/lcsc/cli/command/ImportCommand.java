package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.deeplearning4j.util.ModelSerializer;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.cli.output.NewFolder;
import org.lcsc.config.Require;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.ReleasedModel;
import org.lcsc.io.AtomicFiles;
import org.lcsc.tensor.TensorFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads weights that others released into a network of this library. */
@Command(
    name = "import",
    description = {
      "Read released weights into a network of this library.",
      "Writes a model file, of a folder of checkpoints one of each, and prints the section 'model'"
          + " of a configuration that it fits: to sample, to search, as training.from or as"
          + " model.teacher."
    })
final class ImportCommand extends TextCommand {

  @Parameters(
      paramLabel = "FILE|FOLDER",
      description =
          "Weights: .safetensors, its index, .npz, or a state dict in .pt; or a folder of"
              + " checkpoints of a training.")
  private Path file;

  @Option(
      names = "--as",
      paramLabel = "KIND",
      description =
          "Whose names the tensors have: diffusers, edm, openai (improved and guided diffusion),"
              + " consistency (consistency_models). Default: what the names tell.")
  private String as;

  @Option(
      names = "--side",
      paramLabel = "PIXELS",
      description = "Side of the images, which files of openai and consistency do not tell.")
  private Integer side;

  @Option(
      names = "--heads",
      paramLabel = "N",
      description = "Attention heads, which these files do not tell either.")
  private Integer heads;

  @Option(
      names = "--head-channels",
      paramLabel = "N",
      description = "Channels of an attention head, in place of --heads. Default with ADM: 64.")
  private Integer headChannels;

  @Option(
      names = "--new-attention-order",
      description =
          "With openai: trained with use_new_attention_order, as guided diffusion's model of 64"
              + " pixels.")
  private boolean newAttentionOrder;

  @Option(
      names = "--model",
      paramLabel = "KIND",
      description =
          "model.kind. Default: diffusion for diffusers and openai, edm for edm,"
              + " consistency-training for consistency.")
  private String model;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.zip|FOLDER",
      description = "The model file to write; of a folder, a new one for iteration-N.zip of each.")
  private Path out;

  @Option(names = "--force", description = "Replace FILE.zip.")
  private boolean force;

  @Override
  int run() throws IOException {
    if (!Files.isDirectory(file)) {
      OutputFile.checkModel("--out", out, force);
      report(write(file, out), "", out);
      return 0;
    }
    Require.not(Files.exists(out), "--out", "exists already (%s), allowed: a new folder", out);
    Require.not(force, "--force", "has no effect with a folder, allowed: with a file");
    List<CheckpointFile> checkpoints =
        InvalidInputException.reading(() -> TensorFolder.open(file, List.of())).checkpoints();
    AtomicReference<ReleasedModel> newest = new AtomicReference<>();
    NewFolder.write(
        out,
        folder -> {
          for (CheckpointFile checkpoint : checkpoints) {
            String name = "iteration-" + checkpoint.iteration() + ".zip";
            newest.set(write(checkpoint.file(), folder.resolve(name)));
          }
        });
    report(newest.get(), checkpoints.size() + " checkpoints in ", out);
    return 0;
  }

  private ReleasedModel write(Path weights, Path target) throws IOException {
    Map<String, Object> told = new HashMap<>();
    told.put("side", side);
    told.put("heads", heads);
    told.put("headChannels", headChannels);
    told.put("newAttentionOrder", newAttentionOrder ? true : null);
    ReleasedModel read = ReleasedModel.read(weights, as, told, model);
    AtomicFiles.write(target, stream -> ModelSerializer.writeModel(read.network(), stream, false));
    return read;
  }

  private void report(ReleasedModel read, String what, Path written) {
    String assumption = read.assumption();
    print(
        "# written: %s%s, %,d parameters, images of %d channels and %d pixels a side, %s"
            + " classes%s%n%s",
        what,
        written,
        read.network().numParams(),
        read.images().channels(),
        read.images().side(),
        read.images().classes() == 0 ? "no" : read.images().classes(),
        assumption == null ? "" : "; assumed, as the file does not tell it: " + assumption,
        read.toYaml());
  }
}
