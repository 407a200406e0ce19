import ArgumentParser
import SaleCore

/// What the parser says to people, as this program says things.
enum CommandLineHelp {
    private static let distanceMax = 2

    /// The command that `arguments` lead to, by the names of its path, and the first word that
    /// leads on to none.
    private static func follow(_ arguments: [String]) -> (path: [String], command: any ParsableCommand.Type, stray: String?) {
        var (path, command) = (["seckill"], Seckill.self as any ParsableCommand.Type)
        for word in arguments where word != "help" || path.count > 1 {
            guard !command.configuration.subcommands.isEmpty else { break }
            if word.hasPrefix("-") { continue }
            guard let next = command.configuration.subcommands.first(where: { $0._commandName == word }) else { return (path, command, word) }
            path.append(word)
            command = next
        }
        return (path, command, nil)
    }

    private static func nearest(to word: String, among names: [String]) -> String? {
        let near = names.filter { EditDistance.between(word, $0) <= distanceMax }
        return near.min { EditDistance.between(word, $0) < EditDistance.between(word, $1) }
    }

    /// A page of help with its examples at the end.
    static func page(_ text: String, arguments: [String]) -> String {
        let (path, _, _) = follow(arguments)
        guard text.contains("USAGE:"), !text.contains("Examples:"), let examples = Examples.of[path.dropFirst().joined(separator: " ")] else {
            return text
        }
        return text.trimmedEnd + "\n\nEXAMPLES:\n" + examples.map { "  \($0)\n" }.joined()
    }

    /// What is wrong with a command line, and what was perhaps meant.
    static func failure(_ text: String, arguments: [String]) -> String {
        var text = text
        if text.hasPrefix("Error: ") { text = String(text.dropFirst("Error: ".count)) }
        text = text.replacing("Did you mean ", with: "did you mean ")
        let (_, command, stray) = follow(arguments)
        guard !text.contains("did you mean"), let stray else { return text }
        guard let name = nearest(to: stray, among: command.configuration.subcommands.map { $0._commandName }) else { return text }
        let end = text.firstIndex(of: "\n") ?? text.endIndex
        return text[..<end] + "; did you mean `\(name)`?" + text[end...]
    }
}

extension String {
    fileprivate var trimmedEnd: Substring {
        var rest = self[...]
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
