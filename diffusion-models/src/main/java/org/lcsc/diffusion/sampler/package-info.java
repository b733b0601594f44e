/**
 * From noise to images. The main type is {@link org.lcsc.diffusion.sampler.Sampler}: {@link
 * org.lcsc.diffusion.sampler.DdpmSampler}, {@link org.lcsc.diffusion.sampler.DdimSampler}, {@link
 * org.lcsc.diffusion.sampler.DpmSolver}, {@link org.lcsc.diffusion.sampler.HeunSampler} and {@link
 * org.lcsc.diffusion.sampler.FlowSampler}; {@link org.lcsc.diffusion.sampler.SamplerSettings} makes
 * one from a configuration.
 */
package org.lcsc.diffusion.sampler;
