package org.lcsc.diffusion.released;

import java.io.IOException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.unet.UNetShape;

/**
 * The kind {@code consistency}: {@code UNetModel} of openai's consistency_models, whose attention
 * lays out its heads otherwise than the code that it comes from.
 *
 * @param side as for {@link GuidedDiffusion}
 * @param heads as for {@link GuidedDiffusion}
 * @param headChannels as for {@link GuidedDiffusion}
 */
@Kind("consistency")
public record ConsistencyModels(
    @OptionalKey Integer side, @OptionalKey Integer heads, @OptionalKey Integer headChannels)
    implements ReleasedNames {

  private static final int AXES = 4;

  /** The defaults; the side has none. */
  public ConsistencyModels() {
    this(null, null, null);
  }

  public ConsistencyModels {
    new GuidedDiffusion(side, heads, headChannels, true);
  }

  @Override
  public boolean recognises(ReleasedFile file) {
    return GuidedDiffusion.isOpenAi(file);
  }

  @Override
  public NetworkTime networkTime() {
    return NetworkTime.THOUSANDFOLD;
  }

  @Override
  public ReleasedNetwork network(ReleasedFile file) throws IOException {
    return new GuidedDiffusion(side, heads, headChannels, true)
        .network(file, "consistency-training", networkTime());
  }

  @Override
  public ModuleNames names(UNetShape body, ComputationGraph network, int side) {
    return GuidedDiffusion.names(body, network, side, Arrangement.PARTS_FIRST, AXES);
  }
}
