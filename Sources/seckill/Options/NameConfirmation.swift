/// A name that is given once more, to mean what cannot be taken back: by `--confirm`, or on a
/// terminal, where somebody is asked for it.
struct NameConfirmation {
    let name: String
    /// What would be done, as a sentence.
    let consequence: String
    /// What it is for, after "Type its name to".
    let verb: String
    /// What was not done, when the name is another one.
    let undone: String

    func require(_ given: String?) throws(CommandFailure) {
        let answer: String
        if let given {
            answer = given
        } else if Console.canAsk {
            answer = Console.ask("\(consequence). Type its name to \(verb) it: ")
        } else {
            throw CommandFailure(.usage, "\(consequence); to mean it, give --confirm \(name)")
        }
        guard answer == name else { throw CommandFailure(.usage, "\"\(answer)\" is not \(name): \(undone)") }
    }
}
