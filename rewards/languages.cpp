// Languages by ISO 639-1 code, with words that nearly every longer text in them uses.
#include <array>

#include "rewards/language_words.h"

namespace reckon::rewards {

namespace {

using S = Script;

// One row a language; longer than a function should be, since it is a table.
const std::vector<Language>& table() {
  // clang-format off
  static const std::vector<Language> list = {
    {"am", "amharic", {S::ethiopic}, "", ""},
    {"ar", "arabic", {S::arabic},
     "في من على أن إن إلى هذا هذه التي الذي هو هي لا ما كان لكن ثم إذا كل بين مع أو عن ذلك لدينا يمكن لأن إذن نجد العدد",
     "ةىأإؤئكي"},
    {"be", "belarusian", {S::cyrillic}, "", ""},
    {"bg", "bulgarian", {S::cyrillic},
     "и на се за не от да са това как но ако ние или с по е че ще към като тъй което което след който тогава има "
     "можем трябва така първо числото отговорът защото при този тази всички", "ъ"},
    {"bn", "bengali", {S::bengali}, "", ""},
    {"cs", "czech", {S::latin},
     "je se na že jsou to ale jako pro jsme nebo který která které tak když aby ve ze od jeho být má není také jen "
     "pak podle potom protože dostaneme takže kde číslo čísla nejprve tedy odpověď musí můžeme máme této už by",
     "ěřůčšžťďň"},
    {"da", "danish", {S::latin}, "", ""},
    {"de", "german", {S::latin},
     "der die das und ist nicht ein eine einen einem einer ich wir es zu den dem des mit auf für von sich auch als "
     "aber wenn dann also so oder wie nur noch hat haben sind war wird werden kann muss müssen können was warte zuerst "
     "weil bei nach aus daß dass jetzt hier alle durch ergibt gleich zahl antwort lösung damit im am zum zur bleibt",
     "äöüß"},
    {"el", "greek", {S::greek}, "", ""},
    {"en", "english", {S::latin},
     "the of and to in is that it for on with as are this be by not or from at an we have which can so if then there "
     "but what all were when your use how their will each about many these has was do does would more two let wait "
     "first because now get since need must answer number equals gives means no should could check must my me you he "
     "she they them his her into than also only here where both just let's too yes low high big", ""},
    {"es", "spanish", {S::latin},
     "el la los las de que y en un una es por con no se del al lo como más pero sus le ya este sí porque esta son "
     "entre cuando muy sin sobre también me hasta hay donde desde todo nos durante todos uno les ni ese eso entonces "
     "primero ahora espera así número respuesta si tenemos podemos debe ser está tiene cada esto", "ñ"},
    {"et", "estonian", {S::latin}, "", ""},
    {"fa", "persian", {S::arabic},
     "و در به از که این را است با برای آن یک تا بر هم نیست پس اما اگر باید باشد می ما شود کنیم عدد داریم یا هر سپس "
     "چون بنابراین پاسخ", "پچژگکی"},
    {"fi", "finnish", {S::latin}, "", ""},
    {"fr", "french", {S::latin},
     "le la les de des du et est un une en que qui dans pour pas sur ce il elle nous vous au aux avec par plus ou mais "
     "sont cette donc si on comme tout être fait puis alors ces même où ont peut faut car ainsi attends d'abord abord "
     "nombre réponse leur ne se sa son ses cela avons reste chaque deux soit dont très bien ici", "çœèêùû"},
    {"gu", "gujarati", {S::gujarati}, "", ""},
    {"he", "hebrew", {S::hebrew}, "", ""},
    {"hi", "hindi", {S::devanagari}, "", ""},
    {"hr", "croatian", {S::latin}, "", ""},
    {"hu", "hungarian", {S::latin}, "", ""},
    {"hy", "armenian", {S::armenian}, "", ""},
    {"id", "indonesian", {S::latin},
     "yang dan di dari untuk dengan ini itu adalah pada tidak ke dalam akan kita ada jika maka atau juga oleh karena "
     "bisa harus sama semua saya mereka sudah lebih kami telah bahwa sebagai angka jawaban pertama jadi tunggu lalu "
     "bukan dapat hanya setiap setelah", ""},
    {"it", "italian", {S::latin},
     "il lo la gli le di che e è un una in per non con del della dei delle al alla si da come più ma se sono anche "
     "questo questa quindi allora perché dobbiamo abbiamo ci poi cosa nel nella numero risposta aspetta prima essere "
     "può ha ogni tutti due sul dal dalla ora così i uno", "ìò"},
    {"ja", "japanese", {S::han, S::hiragana, S::katakana}, "", ""},
    {"ka", "georgian", {S::georgian}, "", ""},
    {"km", "khmer", {S::khmer}, "", ""},
    {"kn", "kannada", {S::kannada}, "", ""},
    {"ko", "korean", {S::hangul}, "", ""},
    {"lo", "lao", {S::lao}, "", ""},
    {"lt", "lithuanian", {S::latin}, "", ""},
    {"lv", "latvian", {S::latin}, "", ""},
    {"ml", "malayalam", {S::malayalam}, "", ""},
    {"mn", "mongolian", {S::mongolian, S::cyrillic}, "", ""},
    {"mr", "marathi", {S::devanagari}, "", ""},
    {"ms", "malay", {S::latin}, "", ""},
    {"my", "burmese", {S::myanmar}, "", ""},
    {"ne", "nepali", {S::devanagari}, "", ""},
    {"nl", "dutch", {S::latin},
     "de het een en van is dat in op te niet zijn met voor aan er die ook als maar om we bij dan uit naar hebben heeft "
     "wordt kan moet moeten deze dit wat nog wel geen of zo dus nu omdat eerst wacht getal antwoord ik je kunnen over "
     "door alle hier want krijgen blijft", ""},
    {"no", "norwegian", {S::latin}, "", ""},
    {"pa", "punjabi", {S::gurmukhi}, "", ""},
    {"pl", "polish", {S::latin},
     "i w na z do się nie jest że to jak po ale o od za co przez tak dla czy są ma więc tylko jeśli jego może który "
     "która które być mamy ponieważ teraz liczba liczby odpowiedź najpierw musi musimy możemy lub oraz tego ten ta te "
     "gdy wtedy także już czekaj zatem każdy", "łżźćśęąń"},
    {"pt", "portuguese", {S::latin},
     "o a os as de que e do da em um uma para com não no na por mais dos das se como mas ao ele ela são está foi isso "
     "este esta também já ou quando muito nos então temos podemos deve ser tem número resposta primeiro agora espere "
     "porque cada assim pelo pela seu sua há depois até", "ãõ"},
    {"ro", "romanian", {S::latin},
     "de și în la pe cu să este că nu un o din pentru care mai sunt ce sau dar dacă avem fi ca prin acest această "
     "deci atunci trebuie putem numărul răspunsul acum mai întâi fiecare ne se al ale lui după deoarece", "ăâșțîţş"},
    {"ru", "russian", {S::cyrillic},
     "и в не на что с по это как но для если то мы так есть или из от он она они за же до бы при тогда значит чтобы "
     "все его её их уже только нужно можно число ответ сначала потому подождите теперь равно где быть у к мне будет "
     "этого также поэтому получаем", "ыэё"},
    {"si", "sinhala", {S::sinhala}, "", ""},
    {"sk", "slovak", {S::latin}, "", ""},
    {"sl", "slovenian", {S::latin}, "", ""},
    {"sq", "albanian", {S::latin}, "", ""},
    {"sr", "serbian", {S::cyrillic, S::latin}, "", ""},
    {"sv", "swedish", {S::latin},
     "och att det som en på är av för den med till inte har om ett jag vi var de så men kan man eller när vad då ska "
     "från nu också bara alla måste får blir eftersom först vänta svaret talet därför sedan där detta varje ut två",
     "å"},
    {"sw", "swahili", {S::latin}, "", ""},
    {"ta", "tamil", {S::tamil}, "", ""},
    {"te", "telugu", {S::telugu}, "", ""},
    {"th", "thai", {S::thai}, "", ""},
    {"tl", "tagalog", {S::latin}, "", ""},
    {"tr", "turkish", {S::latin},
     "ve bir bu da de için ile olarak daha çok ne ama gibi kadar o ise değil var yok olan her ya en sonra önce şimdi "
     "eğer çünkü sayı cevap yani öyleyse olur bekle ilk biz mi mı olduğunu olduğu iki tüm bunu buradan elde", "ğışİ"},
    {"uk", "ukrainian", {S::cyrillic},
     "і та що не на в це як але для якщо то ми є або з від він вона вони до за при тоді щоб всі його її їх вже тільки "
     "треба потрібно можна число відповідь спочатку тому бо зараз дорівнює де бути у й отже маємо також", "іїєґ"},
    {"ur", "urdu", {S::arabic},
     "کے میں کی ہے اور سے کا کو پر نہیں یہ ہم اگر تو ہیں کہ ایک بھی لیے جو اب پھر نے تھا", "ٹڈڑںےہھ"},
    {"vi", "vietnamese", {S::latin},
     "là và của có không trong được cho một các với này ta để thì số đó như khi nên vì nếu bằng đến phải chúng hai",
     "đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"},
    {"zh", "chinese", {S::han}, "", ""},
  };
  // clang-format on
  return list;
}

}  // namespace

std::span<const Language> languages() { return table(); }

const Language* find_language(std::string_view name) {
  const std::string folded = folded_word(name);
  const std::string_view code = std::string_view(folded).substr(0, folded.find_first_of("-_"));
  for (const Language& language : table()) {
    if (language.code == code || language.name == folded) return &language;
  }
  return nullptr;
}

}  // namespace reckon::rewards
