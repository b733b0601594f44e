/**
 * Training of diffusion models through Deeplearning4j's ordinary {@code fit}: {@link
 * org.lcsc.diffusion.training.DiffusionBatches} feeds noisy images, {@link
 * org.lcsc.diffusion.training.LearningRate} and {@link org.lcsc.diffusion.training.GlobalNormClip}
 * shape the update.
 */
package org.lcsc.diffusion.training;
