/**
 * Training through Deeplearning4j's ordinary {@code fit}. {@link
 * org.lcsc.diffusion.training.TrainingBatches} is the main type: {@link
 * org.lcsc.diffusion.training.DiffusionBatches} feeds a diffusion model, {@link
 * org.lcsc.diffusion.training.EdmBatches} a denoiser of EDM, {@link
 * org.lcsc.diffusion.training.FlowBatches} a velocity field. {@link
 * org.lcsc.diffusion.training.LearningRate}, {@link org.lcsc.diffusion.training.GlobalNormClip} and
 * {@link org.lcsc.diffusion.training.RAdam} shape the update.
 */
package org.lcsc.diffusion.training;
