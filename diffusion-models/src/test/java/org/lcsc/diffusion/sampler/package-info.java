/** Samplers against closed forms for Gaussian data and against published reference values. */
package org.lcsc.diffusion.sampler;
