import Foundation
import OperatorAPI

/// The operator of a private stack, made on its first start: whoever can read the directory is one.
struct PrivateOperator {
    let token: String
    /// The file of operators.
    let file: String

    init(in directory: borrowing DataDirectory) throws(CommandFailure) {
        file = directory.file("operators")
        let contents = FileManager.default.contents(atPath: directory.file("operator-token")).map { String(decoding: $0, as: UTF8.self) }
        if let kept = contents.flatMap({ OperatorToken(kept: $0) }), FileManager.default.fileExists(atPath: file) {
            token = kept.text
            return
        }
        let made = OperatorToken()
        try directory.write("anonymous viewer *\nme operator \(made.digest)\n", to: "operators")
        try directory.write(made.text, to: "operator-token")
        token = made.text
    }
}
