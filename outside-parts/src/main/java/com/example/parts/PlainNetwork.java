package com.example.parts;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.diffusion.layer.AddEmbedding;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.Linear;
import org.lcsc.diffusion.layer.Silu;
import org.lcsc.diffusion.layer.TimeEmbedding;
import org.lcsc.diffusion.unet.NetworkBody;

/**
 * A network body: two convolutions with the time between them.
 *
 * @param width channels between the convolutions, a multiple of 4; default 8
 */
@Kind("plain")
public record PlainNetwork(int width) implements NetworkBody {

  public PlainNetwork() {
    this(8);
  }

  public PlainNetwork {
    Require.atLeast("width", width, 4);
  }

  @Override
  public String addTo(GraphBuilder graph, Inputs inputs, long seed) {
    int channels = inputs.images().channels();
    graph
        .addLayer("conv_in", new Conv2d(channels, width, 3), inputs.image())
        .addLayer(
            "time_sinusoid", new TimeEmbedding(width, TimeEmbedding.Form.SIN_COS), inputs.time())
        .addLayer("time_dense", new Linear(width, width), "time_sinusoid")
        .addVertex("middle_timed", new AddEmbedding(), "conv_in", "time_dense")
        .addLayer("middle_silu", new Silu(), "middle_timed")
        .addLayer("conv_out", new Conv2d(width, channels, 3), "middle_silu");
    return "conv_out";
  }
}
