/// Who changes something, and by which command: kept in the audit trail.
package struct Attribution: Sendable, Equatable {
    /// Such as the login name of the shell.
    package var actor: String
    /// What was typed.
    package var command: String

    package init(actor: String, command: String) {
        self.actor = actor
        self.command = command
    }
}
