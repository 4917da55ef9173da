/**
 * What recognisers that were trained on subtitles write where nobody speaks, in the languages in which it has been
 * seen. Credits of subtitles and farewells of videos are never said on a telephone; thanks and farewells may be.
 */

/** Whole texts, without marks, in lower case: nobody says them in a call. */
const NEVER_SAID: readonly RegExp[] = [
  /amara\.? ?org|amara\.org/u,
  // Credits: subtitles, captions, transcription, translation "by" somebody.
  /^(?:subtitles?|subtitling|captions?|closed captions?|captioning|transcription|transcribed|transcript) by\b/u,
  /^(?:untertitel(?:ung)? (?:der|des|von|im auftrag|aufgrund|bei)|copyright (?:wdr|swr|ndr|zdf)|(?:swr|wdr|ndr) 20\d\d)/u,
  /^sous-?titr(?:es|age) (?:réalisés?|faits?|par|société|mfp|st')/u,
  /^(?:subtítulos|subtitulado|subtitulos) (?:realizados|por|creados|hechos)/u,
  /^(?:sottotitoli|sottotitolato) (?:creati|e revisione|a cura|realizzati|di )/u,
  /^(?:legendas?|legendado|transcrição e legendas) (?:pela?|por|criadas|adriana)/u,
  /^ondertitel(?:s|d|ing) (?:ingediend|door)/u,
  /^(?:napisy|tłumaczenie i napisy) (?:stworzone|wykonane|przez|by)|^zdjęcia i montaż$/u,
  /^(?:undertekster|undertexter|undertexting|textning|danske tekster|norsk tekst|tekstet|teksting) (?:av|af|från|fra|by|stina)/u,
  /^(?:titulky|překlad|preklad) (?:vytvořil|vytvoril|přeložil|by)/u,
  /^(?:feliratok|a feliratot|magyar felirat) (?:készítette|a )/u,
  /^(?:subtitrarea|subtitrare|traducerea și adaptarea) (?:de|realizată|prin|by)/u,
  /^(?:altyazı|alt yazı)(?: m\.? ?k\.?| çeviri| by)|^çeviri ve altyazı/u,
  /^υπότιτλοι (?:authorwave|από)/u,
  /^(?:субтитры|субтитри) (?:создавал|сделал|делал|подогнал|добавил|от|by)|^редактор субтитров|^корректор [а-я]\.? ?[а-я]/u,
  /^продолжение следует$|^далі буде$|^to be continued$/u,
  /^(?:中文)?字幕(?:由|by|提供|製作|志愿者|志願者|制作|組|组|$)/u,
  /^(?:한글)?자막(?:$| ?(?:제공|제작|by))/u,
  /^字幕(?:視聴|作成)|^翻訳 ?by/u,
  /^(?:ترجمة (?:نانسي|القناة)|نانسي قنقر|ترجمه (?:شده|توسط)|زیرنویس)/u,
  /^(?:คำบรรยาย|ซับไตเติ้ล|ซับไทย)โดย/u,
  /^phụ đề (?:được|bởi|by)|ghiền mì gõ/u,
  /^(?:captioned|subs) by\b|^copyright ©|^eso inc translation/u,
  /^sous-titrage(?: fr)?$|par soustitreur/u,
  /^(?:tekstitys|tekstitykset|suomennos)(?: ?:|\b) ?(?:[\p{L}.]+)$/u,
  /^субтитрувальни(?:ця|к) |^(?:титры|переклад) (?:и субтитры|субтитрів)/u,
  /^כתוביות (?:על ידי|מאת|:)|^字幕[:：]|^자막 ?:/u,
  /yoyo television series|優優獨播劇場|优优独播剧场/u,
  /^(?:www\.|(?:for )?more information visit www\.|más información www\.)(?:mooji|fema|alimmenta|hradeckesluzby|zeoranger|btistudios)\./u,
  // Videos: thanks for watching, subscribe, like, see you in the next one.
  /^(?:thank you|thanks)(?: so much| very much)? for (?:watching|viewing) (?:and|see you|please|until)/u,
  /^(?:please |don't forget to )?(?:like )?(?:share |comment )?(?:and |comment and )?subscribe(?: and .*)?$/u,
  /^(?:bye(?:-| )?bye )?(?:see you|bye)(?: (?:all|guys|again))*(?: in)?(?: the| my)? next (?:video|episode)/u,
  /^(?:das war'?s für heute )?bis zum nächsten (?:video|mal und tschüss)|^(?:vielen )?dank(?:e)? für'?s? (?:das )?(?:zuschauen|zusehen)/u,
  /^merci d'avoir (?:regardé|écouté) (?:cette|la|ma|notre) vidéo|^merci pour votre écoute et à bientôt/u,
  /^(?:nos vemos|hasta) en el próximo v[ií]deo|^hasta el próximo v[ií]deo|^ci vediamo (?:nel|al) prossimo video/u,
  /^até o próximo vídeo|^(?:.{0,20} )?(?:inscrevam-se|inscreva-se|se inscrevam?) no (?:meu |nosso )?canal/u,
  /^tv gelderland|^ondertiteld door/u,
  /^до (?:новых встреч|встречи) (?:на канале|в следующ\p{L}+ видео)|^подпишис[ьья]|^(?:ставь(?:те)? лайк|жми(?:те)? на колокольчик)/u,
  /^дякуємо за перегляд|^абонирайте се|^благодар(?:я|им) за гледането/u,
  /^(?:lütfen )?(?:beğenmeyi|yorum yapmayı)(?: ve| |,)+.*abone ol|^bir sonraki videoda/u,
  /^(?:děkuji|děkujeme|ďakujem|ďakujeme) za pozornos[tť] a (?:odeb|odob)/u,
  /^(?:odebírejte|odoberajte|pratite|pretplatite se na) (?:můj |môj |moj |naš |náš )?kan[aá]l/u,
  /^v[ăa] mulțumi(?:m|t) pentru vizionare|^mulțumim pentru vizionare|următoarea mea rețetă/u,
  /^tak (?:fordi (?:du|i) så|for at se) med/u,
  /^(?:hvala|хвала|hvala vam|хвала вам) (?:na gledanju|на гледању|što (?:pratite|gledate)|што (?:пратите|гледате)|za ogled)/u,
  /^(?:شكر[اًا]*|شكراً) (?:لكم )?(?:لل|على ال)مشاهدة|^(?:لا تنس[وى]ا? )?(?:الاشتراك|تفعيل الجرس)/u,
  /^ویڈیو دیکھنے کا شکریہ|^چینل کو سبسکرائب/u,
  /^(?:कृपया )?(?:हमारे |मेरे )?चैनल को (?:सब्सक्राइब|लाइक)|^सब्सक्राइब (?:करना न भूलें|करें)/u,
  /^ভিডিওটি? দেখার জন্য|^(?:আমাদের )?চ্যানেলটি? সাবস্ক্রাইব|^வீடியோவை? பார்த்ததற்கு|^சேனலை சப்ஸ்கிரைப்/u,
  /^వీడియో (?:చూసినందుకు|చూసిన)|^വീഡിയോ കണ്ടതിന്|^વિડિયો જોવા|^व्हिडिओ (?:पाहिल्या|बघितल्या)/u,
  /^高評価(?:と|、|お願い|よろしく)|^(?:それでは)?(?:また)?(?:次|つぎ)の動画で(?:お会い|会い)/u,
  /^(?:我们|咱们|我們)?下(?:期|集|个|個)(?:视频|影片|節目|节目)?(?:再见|再見|见|見)|^多謝(?:收看|觀看)|^(?:请|請)(?:訂閱|订阅)/u,
  /^(?:그럼 )?다음 (?:영상|비디오)에서? ?(?:만나|봐|뵙)|^이 영상은 유료|^(?:오늘도 |끝까지 )시청해 ?주셔서/u,
  /^(?:โปรด|กรุณา)?ติดตามตอนต่อไป|^(?:กด)?(?:ไลก์|ติดตาม).*(?:กระดิ่ง|ช่อง)/u,
  /^(?:các bạn )?(?:hãy |nhớ )?(?:đăng ký|subscribe)(?: cho)? kênh|^hẹn gặp lại (?:các bạn )?(?:trong|ở) (?:những )?video/u,
  /^jangan lupa (?:untuk )?(?:like|share|komen|subscribe)|^(?:terima kasih|makasih)(?: banyak)? (?:kerana|karena|telah|sudah) menonton/u,
  /^(?:maraming )?salamat (?:po )?sa (?:panonood|pagpanood)|^asante(?:ni)? kwa kutazama|^dankie vir (?:die )?kyk/u,
  /^gràcies per (?:veure|mirar)|^subtítols (?:per|de)|^grazas por ver|^eskerrik asko ikusteagatik/u,
  /^(?:täname|aitäh) vaatamast|^paldies par skatīš|^ačiū kad žiūrė|^takk fyrir (?:að )?(?:horf|áhorf)|^diolch yn fawr am wylio/u,
  /^გმადლობთ ყურებ|^շնորհակալություն դիտ|^рахмет көргеніңізге|^(?:izlədiyiniz|baxdığınız) üçün təşəkkür/u,
  /^(?:thank you|thanks)(?: so much| very much)? for (?:watching|viewing)(?: (?:this video|my video|and .*))?$/u,
  /^(?:please |don't forget to |like and |like |and )*(?:subscribe(?: to (?:my|our|the|this) channel)?|hit the (?:bell|like) .*)(?: (?:and|for) .*)?$/u,
  /^(?:i'll |we'll )?see you (?:all )?(?:guys )?in (?:the|my) next (?:video|one|episode)$/u,
  /^(?:vielen dank|danke)(?: schön)? (?:fürs? (?:zuschauen|zusehen|ansehen)|für die aufmerksamkeit und bis zum nächsten mal)$/u,
  /^(?:abonniert?|abonnieren sie) (?:den|meinen|unseren|bitte)(?: .*)?kanal/u,
  /^merci d'avoir regardé(?: (?:cette|la|ma) vidéo)?$|^(?:abonnez-vous|n'oubliez pas de vous abonner)/u,
  /^(?:muchas )?gracias por ver(?: (?:el|este|mi) v[ií]deo)?$|^(?:suscríbete|suscribete|no olvides suscribirte)/u,
  /^(?:grazie|grazie mille) per (?:aver guardato|la visione)(?: (?:il|questo) video)?$|^iscriviti al canale|^iscrivetevi al/u,
  /^(?:obrigad[oa] por assistir|inscreva-se no (?:meu |nosso )?canal|se inscreva no canal)/u,
  /^(?:bedankt|dank je|dank u) voor het kijken|^(?:abonneer|vergeet niet te abonneren)/u,
  /^(?:dziękuję|dzięki|dziękujemy|dzieki) za (?:oglądanie|obejrzenie|uwagę i)|^(?:subskrybuj|zapraszam do subskry)/u,
  /^(?:abone ol(?:un|unuz)?$|(?:kanal\p{L}* )?abone ol(?:mayı|un|unuz)|izlediğiniz için teşekkür(?:ler| ederim| ederiz)?|beni izlediğiniz)/u,
  /^спасибо за (?:просмотр|подписку)$|^(?:подписывайтесь на|не забудьте подписаться|ставьте лайк)/u,
  /^дякую за перегляд$|^(?:підписуйтесь на|не забудьте підписатися)/u,
  /^(?:děkuji|díky|ďakujem) za (?:sledování|sledovanie|zhlédnutí|pozretie|pozornosť a)/u,
  /^(?:köszönöm|köszönjük) (?:a figyelmet és|hogy megnézt|a megtekintést)|^iratkozz fel/u,
  /^(?:mulțumesc|vă mulțumesc|mulțumim) pentru vizionare|^nu uitați să vă abonați|^abonați-vă/u,
  /^(?:tack|tak|takk) (?:för|for) (?:att (?:du|ni) (?:har )?titta(?:t|de)|at (?:du|i) så med|at du så på|ating)|^prenumerera på/u,
  /^(?:kiitos (?:kun )?katso(?:it|misesta)|tilaa kanava)/u,
  /^ευχαριστ(?:ώ|ούμε) που (?:παρακολουθ|είδατε|βλέπ)/u,
  /^(?:شكرا(?:ً)? (?:لكم )?على المشاهدة|اشتركوا? في القناة|لا تنسوا الاشتراك)/u,
  /^(?:با تشکر از تماشای|ممنون که تماشا|ممنون از تماشا)/u,
  /^(?:תודה (?:רבה )?(?:על הצפייה|שצפיתם)|תרגום וכתוביות)/u,
  /^(?:वीडियो देखने के लिए|देखने के लिए धन्यवाद|चैनल को सब्सक्राइब)/u,
  /^(?:terima kasih (?:telah|sudah|karena) menonton|jangan lupa (?:untuk )?subscribe)/u,
  /^(?:ご視聴(?:いただき)?(?:、)?ありがとうございま(?:した|す)|最後までご視聴|チャンネル登録)/u,
  /^(?:谢谢(?:大家)?(?:的)?(?:观看|收看)|感谢(?:您的|大家的?|你的)?(?:观看|收看|收听)|謝謝(?:大家)?(?:的)?(?:觀看|收看)|請不吝點贊|请不吝点赞|订阅我的|請訂閱|明镜(?:与|與)点点|明鏡)/u,
  /^(?:시청해 ?주셔서 감사합니다|구독과 좋아요|구독(?:을|과)? ?(?:부탁|눌러)|mbc 뉴스)/u,
  /^(?:ขอบคุณ(?:ที่|สำหรับการ)(?:รับชม|ติดตาม|ชม)|อย่าลืมกด)/u,
  /^(?:cảm ơn các bạn đã (?:theo dõi|xem)|hãy (?:subscribe|đăng ký) (?:cho )?kênh)/u,
];

/** Said in calls, too; made up where hardly anything was heard. */
const SELDOM_SAID: ReadonlySet<string> = new Set(
  (
    'thank you|thank you very much|thank you so much|thanks|you|bye|bye bye|the end|so|oh|okay|i am sorry|' +
    'vielen dank|danke|tschüss|das wars|bis zum nächsten mal|merci|au revoir|gracias|adiós|hasta la próxima|' +
    'grazie|ciao|ciao a tutti|alla prossima|obrigado|obrigada|tchau|e aí|dank je wel|bedankt|tot ziens|dziękuję|' +
    'dziękuję bardzo|do widzenia|teşekkürler|teşekkür ederim|hoşça kalın|спасибо|спасибо за внимание|до свидания|' +
    'дякую|děkuji|köszönöm|mulțumesc|tack|tak|takk|kiitos|ευχαριστώ|شكرا|با تشکر|תודה|תודה רבה|धन्यवाद|terima kasih|' +
    'ありがとうございました|ありがとうございます|おやすみなさい|谢谢|謝謝|谢谢大家|감사합니다|고맙습니다|ขอบคุณครับ|ขอบคุณค่ะ|cảm ơn|the|' +
    'music|musik|musique|música|musica|muzyka|музыка|müzik|موسيقى|音楽|音乐|음악'
  ).split('|'),
);

/** How surely a whole text is one of those phrases. */
export function phraseKind(text: string): 'never-said' | 'seldom-said' | 'other' {
  const plain = text
    .normalize('NFC')
    .toLowerCase()
    .replace(/\u0307/gu, '')
    .replace(/[’‘]/gu, "'")
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu, '')
    .replace(/[!?.,…،؟。！？、]+(?=\s)/gu, '')
    .replace(/\s+/gu, ' ');
  if (NEVER_SAID.some((phrase) => phrase.test(plain))) {
    return 'never-said';
  }
  return SELDOM_SAID.has(plain) ? 'seldom-said' : 'other';
}
