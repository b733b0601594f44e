/**
 * A metric, a sampler, a search strategy, a data set and a network body that no module of the
 * library knows: what a user writes to add one, and nothing more.
 */
package com.example.parts;
