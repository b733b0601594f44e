/**
 * How much noise there is at which time. The main type is {@link
 * org.lcsc.diffusion.schedule.NoiseSchedule}, the discrete variance-preserving chain a diffusion
 * model is trained on; {@link org.lcsc.diffusion.schedule.LogSnrSchedule} is its continuous view,
 * {@link org.lcsc.diffusion.schedule.KarrasSigmas} the noise levels of EDM and of consistency
 * models, {@link org.lcsc.diffusion.schedule.Prediction} what the network predicts.
 */
package org.lcsc.diffusion.schedule;
