package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.util.ModelSerializer;
import org.lcsc.experiment.ReleasedModel;
import org.lcsc.io.AtomicFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads weights that others released into a network of this library. */
@Command(
    name = "import",
    description = {
      "Read released weights into a network of this library.",
      "Writes a model file, and prints the section 'model' of a configuration that it fits: to"
          + " sample, to search, as training.from or as model.teacher."
    })
final class ImportCommand extends TextCommand {

  @Parameters(
      paramLabel = "FILE",
      description = "Weights: .safetensors, its index, .npz, or a state dict in .pt.")
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
      paramLabel = "FILE.zip",
      description = "The model file to write.")
  private Path out;

  @Option(names = "--force", description = "Replace FILE.zip.")
  private boolean force;

  @Override
  int run() throws IOException {
    OutputFile.checkModel("--out", out, force);
    Map<String, Object> told = new HashMap<>();
    told.put("side", side);
    told.put("heads", heads);
    told.put("headChannels", headChannels);
    told.put("newAttentionOrder", newAttentionOrder ? true : null);
    ReleasedModel read = ReleasedModel.read(file, as, told, model);
    AtomicFiles.write(out, stream -> ModelSerializer.writeModel(read.network(), stream, false));
    String assumption = read.assumption();
    print(
        "# written: %s, %,d parameters, images of %d channels and %d pixels a side, %s"
            + " classes%s%n%s",
        out,
        read.network().numParams(),
        read.images().channels(),
        read.images().side(),
        read.images().classes() == 0 ? "no" : read.images().classes(),
        assumption == null ? "" : "; assumed, as the file does not tell it: " + assumption,
        read.toYaml());
    return 0;
  }
}
