import ArgumentParser
import SaleCore

/// What the parser says to people, as this program says things.
enum CommandLineHelp {
    private static let distanceMax = 2
    /// The parser's own, for flags.
    private static let flagDistanceMax = 3

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

    static func nearest(to word: String, among names: [String], within distance: Int = distanceMax) -> String? {
        // Of a short word, half of the letters are none that was mistyped.
        let near = names.filter { EditDistance.between(word, $0) <= min(distance, max(1, word.count / 3)) }
        return near.min { EditDistance.between(word, $0) < EditDistance.between(word, $1) }
    }

    /// What is wrong with a question for help; `nil` for one about a command that there is. The
    /// parser answers any other with the page of the command above it.
    static func misdirection(_ arguments: [String]) -> String? {
        guard arguments.first == "help" || arguments.contains("--help") || arguments.contains("-h") else { return nil }
        let (path, command, stray) = follow(arguments)
        guard let stray else { return nil }
        return unknown(stray, below: path, command) + "\n  See '\(path.joined(separator: " ")) --help' for what there is."
    }

    private static func unknown(_ word: String, below path: [String], _ command: any ParsableCommand.Type) -> String {
        let names = command.configuration.subcommands.map { $0._commandName }
        return "there is no command `\((path + [word]).joined(separator: " "))`"
            + (nearest(to: word, among: names).map { "; did you mean `\($0)`?" } ?? "")
    }

    /// A page of help with its examples at the end.
    static func page(_ text: String, arguments: [String]) -> String {
        let (path, _, _) = follow(arguments)
        let text = wrappingUsage(oneNumber(text))
        guard text.contains("USAGE:"), !text.contains("Examples:"), let examples = Examples.of[path.dropFirst().joined(separator: " ")] else {
            return text
        }
        return text.trimmedEnd + "\n\nEXAMPLES:\n" + examples.map { "  \($0)\n" }.joined()
    }

    /// What is wrong with a command line, and what was perhaps meant.
    static func failure(_ text: String, arguments: [String]) -> String {
        var text = wrappingUsage(oneNumber(text))
        if text.hasPrefix("Error: ") { text = String(text.dropFirst("Error: ".count)) }
        text = text.replacing(". Did you mean ", with: "; did you mean ")
        let (path, command, stray) = follow(arguments)
        if let fault = strayFlag(in: arguments, of: command) ?? dashedValue(in: arguments, text) {
            text = fault + text[(text.firstIndex(of: "\n") ?? text.endIndex)...]
        }
        guard !text.contains("did you mean"), let stray else { return text }
        let end = text.firstIndex(of: "\n") ?? text.endIndex
        // Of what is wrong beside the command, the parser speaks.
        let complaint = text[..<end]
        guard complaint.lowercased().contains("unexpected argument") else { return text }
        return unknown(stray, below: path, command) + text[end...]
    }

    /// The parser wraps all of a page but its usage.
    private static func wrappingUsage(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            guard let mark = ["USAGE: ", "Usage: "].first(where: { line.hasPrefix($0) }) else { return String(line) }
            let usage = usageParts(line.dropFirst(mark.count)).joined(separator: " ")
            let wrapped = usage.wrapped(to: TextTable.usualWidth - mark.count).joined(separator: "\n" + String(repeating: " ", count: mark.count))
            return mark + wrapped.replacing(glue, with: " ")
        }
        return lines.joined(separator: "\n")
    }

    /// Stands for a space at which no line ends: no usage contains it.
    private static let glue = "\u{A0}"

    /// What stands in brackets is one part, and so is a flag with its value.
    private static func usageParts(_ usage: Substring) -> [String] {
        var parts: [String] = []
        var depth = 0
        for word in usage.split(separator: " ") {
            let isGlued = depth > 0 || word.hasPrefix("<") && parts.last?.hasPrefix("-") == true
            if isGlued, let last = parts.popLast() { parts.append(last + glue + word) } else { parts.append(String(word)) }
            depth += word.count(where: { $0 == "[" }) - word.count(where: { $0 == "]" })
        }
        return parts
    }
}

extension CommandLineHelp {
    /// The parser is given words of any kind to have numbers below zero, and says that there may be
    /// many.
    private static func oneNumber(_ text: String) -> String { text.replacing("<units> ...", with: "<units>") }

    /// A flag that the command does not have. A rule that the command breaks without it would be
    /// named in its place, and whoever takes words of any kind takes it for one of those.
    private static func strayFlag(in arguments: [String], of command: any ParsableCommand.Type) -> String? {
        guard command.configuration.subcommands.isEmpty else { return nil }
        let flags = flags(of: command)
        for word in arguments.prefix(while: { $0 != "--" }) where word.hasPrefix("--") {
            let flag = String(word.prefix { $0 != "=" })
            if flags.contains(flag) { continue }
            let meant = nearest(to: flag, among: flags, within: flagDistanceMax)
            return "Unknown option '\(flag)'" + (meant.map { "; did you mean '\($0)'?" } ?? "")
        }
        return nil
    }

    /// As its help lists them.
    private static func flags(of command: any ParsableCommand.Type) -> [String] {
        let entries = Seckill.helpMessage(for: command, columns: 1_000).split(separator: "\n").filter { $0.hasPrefix("  -") }
        return entries.flatMap { $0.split(separator: " ").prefix { $0.hasPrefix("-") || $0.hasPrefix("<") } }
            .filter { $0.hasPrefix("--") }.map { String($0.prefix { $0 != "," }) }
    }

    /// The parser takes a value that begins with a dash for a flag, and says that there is none.
    private static func dashedValue(in arguments: [String], _ text: String) -> String? {
        let prefix = "Missing value for '"
        guard text.hasPrefix(prefix) else { return nil }
        let flag = String(text.dropFirst(prefix.count).prefix { $0 != " " && $0 != "'" })
        guard let pair = zip(arguments, arguments.dropFirst()).first(where: { $0 == flag && $1.hasPrefix("-") && !$1.hasPrefix("--") && $1 != "-" })
        else { return nil }
        let value = pair.1
        guard value.dropFirst().first?.isNumber == true else { return "a value of '\(flag)' that begins with a dash is given as \(flag)=\(value)" }
        return "'\(flag)' must not be negative, not \(value)"
    }
}

extension String {
    fileprivate var trimmedEnd: Substring {
        var rest = self[...]
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
