/**
 * Measurements: {@link org.lcsc.benchmarks.UNetBenchmark} against PyTorch, {@link
 * org.lcsc.benchmarks.MergeBenchmark} against reading memory once, {@link
 * org.lcsc.benchmarks.FrechetBenchmark} against SciPy; resident sets of training and sampling. The
 * script {@code ./benchmark} runs them.
 */
package org.lcsc.benchmarks;
