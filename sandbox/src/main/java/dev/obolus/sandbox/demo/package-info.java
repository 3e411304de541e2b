// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The demo's supervisor: starts a database, the stand-in world and the very programs of gateway and
 * console as processes of their own, lets scripted agents work, and ends all of it together. It
 * knows the other programs by their files, options and HTTP answers only.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox.demo;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
