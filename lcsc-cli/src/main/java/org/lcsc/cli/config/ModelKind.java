package org.lcsc.cli.config;

/** The kinds of generative models. */
public enum ModelKind {
  /** A diffusion model (DDPM). */
  DIFFUSION,
  /** A consistency model distilled from a diffusion model. */
  CONSISTENCY_DISTILLATION,
  /** A consistency model trained without a teacher. */
  CONSISTENCY_TRAINING
}
