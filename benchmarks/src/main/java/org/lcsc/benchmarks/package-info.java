/**
 * Measurements: {@link org.lcsc.benchmarks.UNetBenchmark} against PyTorch, {@link
 * org.lcsc.benchmarks.MergeBenchmark} against reading memory once, {@link
 * org.lcsc.benchmarks.FrechetBenchmark} of FID, {@link org.lcsc.benchmarks.TrainingMemory}. The
 * script {@code ./benchmark} runs them.
 */
package org.lcsc.benchmarks;
