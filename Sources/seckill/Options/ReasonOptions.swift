import ArgumentParser
import SaleService

struct ReasonOptions: ParsableArguments {
    @Option(help: "Why, in one line; it stands in `seckill history`.")
    var reason: String?

    func validate() throws {
        guard let reason, let violation = OperatorText.violations(of: reason, "--reason").first else { return }
        throw ValidationError("\(violation)")
    }

    /// Says that nobody will read it, where nothing was changed.
    func warn(isNothing: Bool) {
        if isNothing, reason != nil { Console.message("--reason was not kept: nothing was changed for it") }
    }
}
