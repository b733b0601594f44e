/**
 * Layers and vertices for image networks in a Deeplearning4j {@code ComputationGraph}, built on
 * libnd4j's own operations: {@link org.lcsc.diffusion.layer.Conv2d}, {@link
 * org.lcsc.diffusion.layer.GroupNorm}, {@link org.lcsc.diffusion.layer.SelfAttention2d} and what a
 * U-Net needs around them.
 *
 * <p>Activations are {@code [N, C, H, W]}, float or double. The public classes are configurations:
 * they are serialised with the network (JSON), and Deeplearning4j instantiates the package-private
 * run-time classes from them. Like every Deeplearning4j layer, the run-time objects are not
 * thread-safe.
 */
package org.lcsc.diffusion.layer;
