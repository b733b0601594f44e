package org.lcsc.diffusion.unet;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * The part of an image network between its inputs and its loss: a function from the names of the
 * vertices that give it image, time and class to the name of the vertex that holds its result.
 * {@link UNet#configuration} puts inputs before it and a loss after it.
 *
 * <p>Implementations are immutable shapes: {@link UNetConfig} (DDPM, iDDPM), {@link SongUNetConfig}
 * (EDM's DDPM++ and NCSN++) and {@link AdmConfig} (ADM).
 */
public interface NetworkBody {

  /**
   * Adds the network's layers to a graph.
   *
   * @param graph where to
   * @param image name of the vertex that gives images {@code [N, C, H, W]}, C being {@link
   *     #imageChannels} and H and W {@link #side}
   * @param time name of the vertex that gives the network's time {@code [N, 1]}
   * @param label name of the vertex that gives one-hot labels {@code [N, classes]}; not read where
   *     {@link #classes} is 0
   * @param seed seed of dropout; initial weights depend on the graph's own seed, and nothing else
   *     does, so that a network's parameters can be copied into one of another seed
   * @return name of the last convolution, {@code [N, C, H, W]}
   */
  String addTo(GraphBuilder graph, String image, String time, String label, long seed);

  /** Channels of the images. */
  int imageChannels();

  /** Height and width of the images. */
  int side();

  /** Number of class labels, 0 for an unconditional network. */
  int classes();
}
