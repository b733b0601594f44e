/**
 * JMH benchmarks of what the search waits for. {@link org.lcsc.benchmarks.FrechetBenchmark} times
 * FID.
 */
package org.lcsc.benchmarks;
