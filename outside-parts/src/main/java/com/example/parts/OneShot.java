package com.example.parts;

import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.diffusion.sampler.Denoiser;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.Sampler;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.sampler.StepNoise;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A sampler: the clean image that a chain's network predicts from pure noise at one step.
 * Thread-safe.
 */
public final class OneShot implements Sampler {

  /**
   * Settings.
   *
   * @param from where the network is asked, 0 to 1 as a share of the chain; default 1
   */
  @Kind("one-shot")
  public record Settings(double from) implements SamplerSettings.OfChain {

    public Settings() {
      this(1);
    }

    public Settings {
      Require.between("from", from, 0, 1);
    }

    @Override
    public Sampler ofChain(SampledModel.Chain chain) {
      return new OneShot(chain, (int) (from * (chain.schedule().steps() - 1)));
    }
  }

  private final SampledModel.Chain chain;
  private final int step;

  private OneShot(SampledModel.Chain chain, int step) {
    this.chain = chain;
    this.step = step;
  }

  @Override
  public INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
    INDArray output = model.predict(noise, chain.schedule().networkTime(step)).dup('c');
    chain
        .prediction()
        .toX0(chain.schedule().alpha(step), chain.schedule().sigma(step), noise, output, output);
    return output.detach();
  }

  @Override
  public int evaluations() {
    return 1;
  }

  @Override
  public String toString() {
    return "OneShot(" + step + ")";
  }
}
