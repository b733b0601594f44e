package org.lcsc.config;

/** What a search minimises. */
public enum ObjectiveKind {
  /** Frechet Inception Distance between samples of the merged model and the training images. */
  FID
}
