/// The command that runs the same again.
package enum RepeatCommand {
    /// - Parameter arguments: those of the process, its own name first.
    package static func text(_ arguments: [String]) -> String { arguments.map(word).joined(separator: " ") }

    /// As one word of a POSIX shell.
    private static func word(_ text: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-=:,+%@")
        return !text.isEmpty && text.allSatisfy(plain.contains) ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
