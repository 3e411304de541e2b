/**
 * The operators' door, {@code /operator/v1}: an Entra application of its own, so that no agent's
 * token opens it, whatever roles it carries. Imports {@code identity}, {@code http}'s readers and
 * writers, {@code audit}.
 *
 * <p>Who may do what, by app role (several add up):
 *
 * <table>
 * <caption>Roles</caption>
 * <tr><th>act</th><th>Soc</th><th>Author</th><th>Approver</th><th>Auditor</th><th>Platform</th><th>Admin</th></tr>
 * <tr><td>POST audit/verify</td><td>yes</td><td>-</td><td>-</td><td>yes</td><td>yes</td><td>-</td></tr>
 * <tr><td>POST sign-ins</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td></tr>
 * <tr><td>GET people</td><td>yes</td><td>-</td><td>yes</td><td>yes</td><td>-</td><td>-</td></tr>
 * <tr><td>POST audit/reveal</td><td>yes</td><td>-</td><td>-</td><td>yes</td><td>-</td><td>-</td></tr>
 * <tr><td>POST audit/forget</td><td>-</td><td>-</td><td>-</td><td>yes</td><td>-</td><td>yes</td></tr>
 * <tr><td>POST audit/prune</td><td>-</td><td>-</td><td>-</td><td>yes</td><td>-</td><td>yes</td></tr>
 * <tr><td>POST freezes</td><td>yes</td><td>-</td><td>-</td><td>-</td><td>-</td><td>yes</td></tr>
 * <tr><td>GET freezes</td><td>yes</td><td>-</td><td>yes</td><td>yes</td><td>-</td><td>yes</td></tr>
 * <tr><td>POST freezes/{id}/lift</td><td>-</td><td>-</td><td>yes</td><td>-</td><td>-</td><td>yes</td></tr>
 * <tr><td>GET status</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td></tr>
 * </table>
 *
 * <p>A role covers the data of the tenants that are configured for the operator's own: itself, if
 * none are. What lies outside is answered as if it did not exist; that the log is broken is told to
 * everybody who may verify it, where it is broken only to whom may see that record. What concerns
 * everybody, an agent, a connector or everything, is frozen and lifted by whom may see the records
 * of every tenant that is served.
 *
 * <p>Each act is a record, a refused one too; only {@code GET status} leaves none.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.operator;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
